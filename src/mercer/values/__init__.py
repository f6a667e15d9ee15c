"""Words that all modules share: money and its currencies, languages, names as sort keys. No I/O."""
