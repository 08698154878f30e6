-- Which generation of the set-up an instance's own file says. What nobody says any more has been taken back.
ALTER TABLE instance ADD COLUMN set_up bigint;
