"""Records, SQL, models on disk, embedder, vector and keyword indexes, conversations. Imports no package of ours."""
