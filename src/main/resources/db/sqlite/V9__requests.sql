-- What an attempt sent: method, URL, headers without what is secret, and size and hash of the body as a JSON object; and the
-- body's start where the attempt failed, for it is wanted then. What arrived is made anew from its event and compared.
ALTER TABLE attempt ADD COLUMN request TEXT;
ALTER TABLE attempt ADD COLUMN request_body BLOB;
