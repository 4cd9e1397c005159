-- Accounts in chats that people linked to the one they sign in with, and calls of a chat that arrived before.

CREATE TABLE chat_link (
    provider TEXT NOT NULL,
    tenant TEXT NOT NULL,
    external_id TEXT NOT NULL,
    iss TEXT NOT NULL,
    sub TEXT NOT NULL,
    name TEXT NOT NULL,
    linked_at INTEGER NOT NULL,
    PRIMARY KEY (provider, tenant, external_id)
);
CREATE INDEX chat_link_person ON chat_link (iss, sub);

-- What a chat signed is taken once: (provider, moment, mark) is the time and the signature of a call.
CREATE TABLE chat_seen (
    provider TEXT NOT NULL,
    moment INTEGER NOT NULL,
    mark TEXT NOT NULL,
    PRIMARY KEY (provider, moment, mark)
);
