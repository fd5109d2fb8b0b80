"""A pulse's sealed answers opened and counted by many machines: for hosts of many organisations."""
