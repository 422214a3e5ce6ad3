"""Take fee payments for public-service dossiers, and account for every dong."""
