"""The pages and sockets: everything a browser talks to, on top of compsys."""
