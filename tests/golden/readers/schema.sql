-- Tables of the seed library

CREATE TABLE IF NOT EXISTS seeds (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL  -- in Latin
);

-- Who borrowed what
CREATE TABLE loans (
    seed_id INTEGER REFERENCES seeds (id),
    due DATE
);

INSERT INTO seeds VALUES (1, 'Papaver rhoeas');
