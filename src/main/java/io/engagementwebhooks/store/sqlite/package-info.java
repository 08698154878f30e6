/** SQLite: its dialect, the file and its checkpoints. Only the start opens it. */
package io.engagementwebhooks.store.sqlite;
