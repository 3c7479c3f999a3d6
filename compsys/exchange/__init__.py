"""One file per foreign format: what other offices hand in and what is handed out to them."""
