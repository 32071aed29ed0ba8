"""One file for each way a contract sets a price. `registry` lists them."""
