"""Packs what an instructor hands out: the students' kit, and graders for course platforms."""
