#include "identity/schema.h"

#include <array>

namespace kavach::identity {
namespace {

constexpr std::string_view kFirst = R"sql(
CREATE TABLE users (
  id BIGINT PRIMARY KEY,
  username TEXT NOT NULL,
  username_folded TEXT NOT NULL UNIQUE,
  email TEXT NOT NULL,
  email_folded TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  enabled INTEGER NOT NULL,
  created_at BIGINT NOT NULL,
  last_login_at BIGINT,
  password_changed_at BIGINT NOT NULL,
  required_for_login INTEGER NOT NULL,
  required_for_reset INTEGER NOT NULL,
  required_for_sensitive INTEGER NOT NULL
);

CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  token_digest TEXT NOT NULL UNIQUE,
  user_id BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  stepped_up_at BIGINT,
  address TEXT NOT NULL,
  device TEXT NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE session_watermark (
  id INTEGER PRIMARY KEY,
  latest_at BIGINT NOT NULL
);

CREATE TABLE api_keys (
  id BIGINT PRIMARY KEY,
  user_id BIGINT NOT NULL,
  name TEXT NOT NULL,
  scope TEXT NOT NULL,
  digest TEXT NOT NULL UNIQUE,
  hash TEXT NOT NULL,
  hint TEXT NOT NULL,
  sealed_copy TEXT,
  signing_secret TEXT,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  grace_until BIGINT,
  revoked_at BIGINT,
  exposed_at BIGINT,
  allow TEXT NOT NULL,
  last_used_at BIGINT,
  last_used_address TEXT
);
CREATE INDEX api_keys_by_user ON api_keys (user_id);

CREATE TABLE api_request_nonces (
  key_id BIGINT NOT NULL,
  nonce TEXT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (key_id, nonce)
);

CREATE TABLE user_totp (
  user_id BIGINT PRIMARY KEY,
  sealed_secret TEXT,
  sealed_pending TEXT,
  last_step BIGINT NOT NULL
);

CREATE TABLE recovery_codes (
  user_id BIGINT NOT NULL,
  digest TEXT NOT NULL,
  PRIMARY KEY (user_id, digest)
);

CREATE TABLE passkeys (
  id TEXT PRIMARY KEY,
  user_id BIGINT NOT NULL,
  name TEXT NOT NULL,
  credential_id TEXT NOT NULL UNIQUE,
  public_key TEXT NOT NULL,
  sign_count BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT
);

CREATE TABLE one_time_tokens (
  digest TEXT PRIMARY KEY,
  purpose TEXT NOT NULL,
  user_id BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);

CREATE TABLE mail_settings (
  id INTEGER PRIMARY KEY,
  host TEXT NOT NULL,
  port INTEGER NOT NULL,
  username TEXT NOT NULL,
  sealed_password TEXT,
  sender TEXT NOT NULL,
  security TEXT NOT NULL
);

CREATE TABLE identity_changes (
  topic TEXT PRIMARY KEY,
  counter BIGINT NOT NULL
);
)sql";

// An enrolment that is not confirmed belongs to the session that began it and is forgotten after a while.
// `enrolled_at` tells one enrolment from the next: null for those from before this migration.
constexpr std::string_view kEnrolments = R"sql(
ALTER TABLE user_totp ADD COLUMN enrolled_at BIGINT;
ALTER TABLE user_totp ADD COLUMN pending_since BIGINT;
ALTER TABLE user_totp ADD COLUMN pending_session TEXT;
)sql";

constexpr std::array kMigrations{
    store::Migration{1, "users, sessions, keys, second factors", kFirst},
    store::Migration{2, "whose an unfinished enrolment is, and when one was finished", kEnrolments},
};

}  // namespace

store::Schema identity_schema() { return {"identity", kMigrations}; }

}  // namespace kavach::identity
