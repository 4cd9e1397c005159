-- What a reviewer's program was answered, so that the same call with the same idempotency key is answered the same.
ALTER TABLE idempotency ADD COLUMN answer TEXT;
