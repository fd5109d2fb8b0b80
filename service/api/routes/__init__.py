"""One file a resource; each route translates HTTP into one operation and back."""
