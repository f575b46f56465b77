#!/usr/bin/python3
"""embed.py NAME FILE - a file as the C array NAME, for pages and styles that the program carries in itself; Meson calls it."""
import sys

name, path = sys.argv[1:]
with open(path, "rb") as file:
    data = file.read()
lines = [", ".join(str(byte) for byte in data[at:at + 24]) for at in range(0, len(data), 24)]
print(f"/* Made by Meson out of {path.rsplit('/', 1)[-1]}. */\nstatic const char {name}[] = {{\n    " + ",\n    ".join(lines) + ",\n};")
