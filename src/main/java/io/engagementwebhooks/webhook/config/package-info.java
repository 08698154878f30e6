/**
 * Parses the configuration file with all its faults, polls it for changes, and stores the last valid one for a restart.
 */
package io.engagementwebhooks.webhook.config;
