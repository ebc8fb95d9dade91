-- A database of this version, frozen: never edited again. Later versions take it over.
PRAGMA application_id = 1214344313;
PRAGMA user_version = 12;
CREATE TABLE buffer (
  id INTEGER PRIMARY KEY,
  user INTEGER NOT NULL,
  network INTEGER NOT NULL,
  name TEXT NOT NULL
);
CREATE TABLE buffer_setting (
  buffer INTEGER NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (buffer, name)
) WITHOUT ROWID;
CREATE TABLE carried_file (
  id INTEGER PRIMARY KEY,
  user INTEGER NOT NULL,
  name TEXT NOT NULL,
  time_ms INTEGER NOT NULL,
  bytes BLOB NOT NULL
);
CREATE TABLE channel (
  network INTEGER NOT NULL,
  name TEXT NOT NULL,
  key TEXT NOT NULL,
  PRIMARY KEY (network, name)
) WITHOUT ROWID;
CREATE TABLE damage (
  id INTEGER PRIMARY KEY,
  found_ms INTEGER NOT NULL,
  what TEXT NOT NULL,
  told INTEGER NOT NULL
);
CREATE TABLE device (
  id INTEGER PRIMARY KEY,
  user INTEGER NOT NULL,
  name TEXT NOT NULL,
  token_hash TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  seen_ms INTEGER NOT NULL, scram_keys TEXT NOT NULL DEFAULT '', certificate TEXT NOT NULL DEFAULT '',
  UNIQUE (user, name)
);
CREATE TABLE doomed (
  user INTEGER NOT NULL,
  network INTEGER NOT NULL,
  after INTEGER NOT NULL,
  PRIMARY KEY (user, network)
) WITHOUT ROWID;
CREATE TABLE event (
  user INTEGER NOT NULL,
  id INTEGER NOT NULL,
  network INTEGER NOT NULL,
  skew INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  flags INTEGER NOT NULL,
  text_at INTEGER NOT NULL,
  buffers,
  msgid TEXT,
  tags TEXT,
  line TEXT NOT NULL,
  PRIMARY KEY (user, id)
) WITHOUT ROWID;
CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value NOT NULL
) WITHOUT ROWID;
CREATE TABLE moment (
  buffer INTEGER NOT NULL,
  ms INTEGER NOT NULL,
  rest INTEGER NOT NULL,
  PRIMARY KEY (buffer, ms, rest)
) WITHOUT ROWID;
CREATE TABLE network (
  id INTEGER PRIMARY KEY,
  user INTEGER NOT NULL,
  name TEXT NOT NULL,
  urls TEXT NOT NULL,
  nick TEXT NOT NULL,
  alt_nick TEXT NOT NULL,
  username TEXT NOT NULL,
  realname TEXT NOT NULL,
  sasl_mechanism TEXT NOT NULL,
  sasl_account TEXT NOT NULL,
  sealed_sasl_password BLOB NOT NULL,
  sealed_password BLOB NOT NULL,
  cert_pins TEXT NOT NULL,
  sealed_client_cert BLOB NOT NULL,
  on_connect TEXT NOT NULL,
  enabled INTEGER NOT NULL,
  UNIQUE (user, name)
);
CREATE TABLE outdated (
  user INTEGER NOT NULL,
  buffer INTEGER NOT NULL,
  before INTEGER NOT NULL,
  PRIMARY KEY (user, buffer)
) WITHOUT ROWID;
CREATE TABLE passkey (
  id INTEGER PRIMARY KEY,
  user INTEGER NOT NULL,
  name TEXT NOT NULL,
  host TEXT NOT NULL,
  credential_id BLOB NOT NULL,
  handle BLOB NOT NULL,
  public_key BLOB NOT NULL,
  algorithm INTEGER NOT NULL,
  counter INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  used_ms INTEGER NOT NULL
);
CREATE TABLE place (
  buffer INTEGER NOT NULL,
  event INTEGER NOT NULL,
  PRIMARY KEY (buffer, event)
) WITHOUT ROWID;
CREATE TABLE scrub (
  id INTEGER PRIMARY KEY,
  zeros BLOB NOT NULL
);
CREATE TABLE session (
  id INTEGER PRIMARY KEY,
  user INTEGER NOT NULL,
  token_hash TEXT NOT NULL,
  agent TEXT NOT NULL,
  address TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  seen_ms INTEGER NOT NULL
);
CREATE TABLE setting (
  user INTEGER NOT NULL,
  network INTEGER NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (user, network, name)
) WITHOUT ROWID;
CREATE TABLE state (
  user INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  network INTEGER NOT NULL,
  device INTEGER NOT NULL,
  key BLOB NOT NULL,
  value BLOB NOT NULL,
  written INTEGER NOT NULL,
  PRIMARY KEY (user, kind, network, device, key)
) WITHOUT ROWID;
CREATE TABLE ticket (
  id INTEGER PRIMARY KEY,
  user INTEGER NOT NULL,
  code_hash TEXT NOT NULL,
  uses INTEGER NOT NULL,
  note TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  until_ms INTEGER NOT NULL
);
CREATE TABLE usage (
  user INTEGER PRIMARY KEY,
  lines INTEGER NOT NULL,
  bytes INTEGER NOT NULL
);
CREATE TABLE user (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  password_hash TEXT NOT NULL,
  admin INTEGER NOT NULL,
  enabled INTEGER NOT NULL,
  created_ms INTEGER NOT NULL
);
CREATE INDEX buffer_by_user ON buffer (user, network);
CREATE INDEX event_shown_earlier ON event (user, id) WHERE skew < -600000;
INSERT INTO buffer VALUES (7, 1, 3, '#comet');
INSERT INTO buffer VALUES (8, 1, 3, '');
INSERT INTO buffer_setting VALUES (7, 'muted', 'yes');
INSERT INTO channel VALUES (3, '#comet', 'tail');
INSERT INTO device VALUES (4, 1, 'phone', 'abc', 1700000000000, 1700000000002, '', '');
INSERT INTO event VALUES (1, 1700000000000000, 3, 0, 2, 0, 32, 7, NULL, NULL, ':nick!user@host PRIVMSG #comet :hello comet');
INSERT INTO event VALUES (1, 1700000000002000, 3, 0, 5, 0, 0, X'0700000008000000', NULL, NULL, ':nick!user@host QUIT :gone');
INSERT INTO event VALUES (1, 1700000000003000, 3, -5003, 2, 1, 32, 7, 'networks-own', '+draft/reply=x', ':nick!user@host PRIVMSG #comet :a word on comets, said before');
INSERT INTO meta VALUES ('applied', 544);
INSERT INTO meta VALUES ('epoch', '70aed70ea2f770db');
INSERT INTO meta VALUES ('events', 3);
INSERT INTO meta VALUES ('last_buffer', 8);
INSERT INTO meta VALUES ('last_device', 4);
INSERT INTO meta VALUES ('last_event', 1700000000003000);
INSERT INTO meta VALUES ('last_network', 3);
INSERT INTO meta VALUES ('last_passkey', 6);
INSERT INTO meta VALUES ('last_session', 5);
INSERT INTO meta VALUES ('last_ticket', 0);
INSERT INTO meta VALUES ('last_user', 2);
INSERT INTO meta VALUES ('scrub', 0);
INSERT INTO moment VALUES (7, 1699999995000, 5003000);
INSERT INTO moment VALUES (7, 1700000000000, 0);
INSERT INTO moment VALUES (7, 1700000000002, 0);
INSERT INTO moment VALUES (8, 1700000000002, 0);
INSERT INTO network VALUES (3, 1, 'libera', 'ircs://irc.example.org', 'ed', 'ed_', 'edm', 'Edmond H', 'PLAIN', 'ed', X'006F6E65', X'0074776F', 'abc', X'007468726565', '', 1);
INSERT INTO passkey VALUES (6, 1, 'Firefox, Linux', 'chat.example.org', X'006964', X'0068', X'006B6579', -7, 4000000000, 1700000000004, 1700000000005);
INSERT INTO place VALUES (7, 1700000000000000);
INSERT INTO place VALUES (7, 1700000000002000);
INSERT INTO place VALUES (7, 1700000000003000);
INSERT INTO place VALUES (8, 1700000000002000);
INSERT INTO session VALUES (5, 1, 'def', 'Firefox', '::1', 1700000000000, 1700000000003);
INSERT INTO setting VALUES (1, 0, 'language', 'fr');
INSERT INTO setting VALUES (1, 0, 'retention', '0');
INSERT INTO setting VALUES (1, 3, 'auto-away', 'out');
INSERT INTO setting VALUES (1, 3, 'rate', '3');
INSERT INTO state VALUES (1, 1, 3, 4, X'', X'31373030303030303030303030303030', 541);
INSERT INTO state VALUES (1, 2, 0, 0, X'746162', X'34206F6B', 542);
INSERT INTO state VALUES (1, 6, 3, 0, X'370078', X'0001', 543);
INSERT INTO usage VALUES (1, 3, 156);
INSERT INTO user VALUES (1, 'edmond', '$argon2id$v=19$x', 1, 1, 1700000000000);
INSERT INTO user VALUES (2, 'caroline', '', 0, 0, 1700000000001);
