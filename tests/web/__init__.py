"""Tests of the pages and sockets, the browser ones among them."""
