"""Whole ways through the program, each on a real server with real sockets."""
