"""Small tools of one topic each, without models, that any room may use."""
