"""Slow and not so slow functions, as people write them at work; README.md says how the folder is laid out."""
