"""Tests that break the disk: power cuts, damaged logs, flipped bytes, full disks."""
