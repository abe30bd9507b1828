-- A small migration, for tests that repeat it often.
CREATE TABLE IF NOT EXISTS small (id INT PRIMARY KEY);

INSERT IGNORE INTO small VALUES (1);
