/**
 * Reads the configuration file: checks it whole, lists all its faults, follows it while it changes, and keeps the last good one
 * for a restart.
 */
package io.engagementwebhooks.webhook.config;
