"""The commands behind `python -m lecturelib`, one a file: `main(argv) -> exit status`."""
