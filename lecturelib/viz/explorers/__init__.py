"""Explorers: pictures of measured arrays that answer to keys and pointer; one explorer a file.

All stand on one stage (stage.py, stage.js, stage.css): the same sentence on top, the same keys,
F for full screen, the same text and table behind the picture, the same PNG where nothing runs.
"""
