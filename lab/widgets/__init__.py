"""What pages are made of: the bench (panel and stage), pickers, notices, share and export."""
