"""The tests: they mirror the code, and test_house.py reads the code itself."""
