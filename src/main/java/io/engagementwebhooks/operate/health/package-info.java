/** Health checks and metrics, read from the state of the rooms. They change nothing. */
package io.engagementwebhooks.operate.health;
