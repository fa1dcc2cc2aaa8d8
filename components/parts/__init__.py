"""What each page is made of, a module a page and one for each part that several share."""
