-- Portal sessions, by their links. What they allow, and who created them, is sealed.
CREATE TABLE portal_session (
  id           text COLLATE "C" PRIMARY KEY,
  account      int NOT NULL,
  sealed       text   NOT NULL,
  signed_in_at bigint,                              -- null: the link was not used
  used_at      bigint NOT NULL,                     -- of an unused link: its creation
  ends_at      bigint NOT NULL                      -- at the latest
);
CREATE INDEX portal_session_of_account ON portal_session (account, used_at);
CREATE INDEX portal_session_end ON portal_session (ends_at);

-- Ids of sessions of the console that were signed out, and of sign-ins that are complete, until a day after they expire.
CREATE TABLE revoked_session (
  id         text COLLATE "C" PRIMARY KEY,
  holder     text   NOT NULL,                    -- hash of the key that signed in; of a portal session the account's id
  revoked_at bigint NOT NULL,
  ends_at    bigint NOT NULL
);
CREATE INDEX revoked_session_of_holder ON revoked_session (holder, ends_at);
CREATE INDEX revoked_session_time ON revoked_session (revoked_at);
CREATE INDEX revoked_session_end ON revoked_session (ends_at);
