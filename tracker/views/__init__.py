"""What each page says, as plain values: the same values are the page's JSON twin. No HTML here."""
