"""A hopeless submission: its client prints, and connects to nobody."""

print("12:00 - Пользователь #1 - привет")
