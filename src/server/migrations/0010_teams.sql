-- Conversations of Microsoft Teams that the bot was heard in, and where each is reached.

CREATE TABLE teams_conversation (
    tenant TEXT NOT NULL,
    conversation TEXT NOT NULL,
    team TEXT,
    service_url TEXT NOT NULL,
    PRIMARY KEY (tenant, conversation)
);
CREATE INDEX teams_conversation_team ON teams_conversation (team);
