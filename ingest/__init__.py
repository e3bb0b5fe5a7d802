"""From a folder to chunks in storage."""
