-- A database of version 1, frozen: never edited again. Every later version must take it over whole.
PRAGMA application_id = 1214344313;
PRAGMA user_version = 1;
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

-- Which events a buffer's history shows: derived from event.buffers.
CREATE TABLE place (
  buffer INTEGER NOT NULL,
  event INTEGER NOT NULL,
  PRIMARY KEY (buffer, event)
) WITHOUT ROWID;

CREATE TABLE buffer (
  id INTEGER PRIMARY KEY,
  user INTEGER NOT NULL,
  network INTEGER NOT NULL,
  name TEXT NOT NULL
);

CREATE TABLE user (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  password_hash TEXT NOT NULL,
  admin INTEGER NOT NULL,
  enabled INTEGER NOT NULL,
  created_ms INTEGER NOT NULL
);

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

CREATE TABLE channel (
  network INTEGER NOT NULL,
  name TEXT NOT NULL,
  key TEXT NOT NULL,
  PRIMARY KEY (network, name)
) WITHOUT ROWID;

CREATE TABLE device (
  id INTEGER PRIMARY KEY,
  user INTEGER NOT NULL,
  name TEXT NOT NULL,
  token_hash TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  seen_ms INTEGER NOT NULL,
  UNIQUE (user, name)
);

-- How far a device has got on a network.
CREATE TABLE position (
  device INTEGER NOT NULL,
  network INTEGER NOT NULL,
  event INTEGER NOT NULL,
  PRIMARY KEY (device, network)
) WITHOUT ROWID;

-- Web logins.
CREATE TABLE session (
  id INTEGER PRIMARY KEY,
  user INTEGER NOT NULL,
  token_hash TEXT NOT NULL,
  agent TEXT NOT NULL,
  address TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  seen_ms INTEGER NOT NULL
);

-- The newest numbered command of each program or browser tab, with its answer. A rewritten row gets a new, larger rowid:
-- the order of the rowids is the order of use.
CREATE TABLE command (
  user INTEGER NOT NULL,
  client TEXT NOT NULL,
  seq INTEGER NOT NULL,
  result TEXT NOT NULL,
  UNIQUE (user, client)
);

-- Logs of removed users (network 0) and networks, deleted in slices in the background; `after`: how far that has got.
CREATE TABLE doomed (
  user INTEGER NOT NULL,
  network INTEGER NOT NULL,
  after INTEGER NOT NULL,
  PRIMARY KEY (user, network)
) WITHOUT ROWID;

-- epoch: names this database. applied: the journal's offset up to which all is here. events: rows of the log.
-- last_*: the largest id ever given, also of rows since removed. indexed: the full-text index has all events up to here.
CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value NOT NULL
) WITHOUT ROWID;

INSERT INTO user VALUES (1, 'edmond', '$argon2id$v=19$x', 1, 1, 1700000000000), (2, 'caroline', '', 0, 1, 1700000000001);
INSERT INTO network VALUES (5, 1, 'libera', 'ircs://irc.example.org', 'ed', '', 'ed', 'Edmond', 'PLAIN', 'ed', x'', x'007365616c6564', '', x'', '', 1);
INSERT INTO channel VALUES (5, '#comet', '');
INSERT INTO device VALUES (3, 1, 'phone', 'abc', 1700000000000, 1700000000000);
INSERT INTO buffer VALUES (11, 1, 5, '#comet'), (12, 1, 5, '#tail');
INSERT INTO position VALUES (3, 5, 1700000000000000);
INSERT INTO session VALUES (9, 1, 'def', 'Firefox', '::1', 1700000000000, 1700000000000);
INSERT INTO command VALUES (1, 'tab', 4, 'ok');
INSERT INTO event VALUES (1, 1700000000000000, 5, 15, 2, 0, 23, 11, NULL, NULL, ':a!b@c PRIVMSG #comet :hello comet');
INSERT INTO event VALUES (1, 1700000000001000, 5, 0, 3, 0, 0, x'0b0000000c000000', NULL, NULL, ':a!b@c QUIT :gone');
INSERT INTO event VALUES (1, 1700000000002000, 5, -3, 2, 1, 23, 12, 'netmsgid', '+draft/reply=x', ':a!b@c PRIVMSG #tail :  bye');
INSERT INTO place VALUES (11, 1700000000000000), (11, 1700000000001000), (12, 1700000000001000), (12, 1700000000002000);
INSERT INTO meta VALUES ('epoch', '0123456789abcdef'), ('applied', 0), ('events', 3), ('indexed', 0), ('last_event', 1700000000002000),
  ('last_user', 2), ('last_network', 5), ('last_device', 3), ('last_buffer', 12), ('last_session', 9);
