-- Halley's database, version 1. Never changed again: what comes later is a migration (migrations.cpp).
--
-- The log. One row per event, in one place: reading a user's log is one walk along the key. `skew` is the shown time in
-- milliseconds minus id/1000 (mostly 0: no bytes). `buffers`: NULL, one id, or several as little-endian u32s.
-- `msgid` NULL: ours, derived from the id; the network's own is found through the full-text index.
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
INSERT INTO meta (key, value) VALUES ('epoch', lower(hex(randomblob(8)))), ('applied', 0), ('events', 0), ('indexed', 0),
  ('last_event', 0), ('last_user', 0), ('last_network', 0), ('last_device', 0), ('last_buffer', 0), ('last_session', 0);
