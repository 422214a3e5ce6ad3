"""The suite that every rail must pass: `run(rail)` gives one verdict a case."""
