"""The grader of the chat lab: transcript → harness → simulation → grading → reports → cli."""
