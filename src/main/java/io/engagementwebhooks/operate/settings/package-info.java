/**
 * Settings: takes property files and the environment and gives typed values or all faults. A secret is kept apart from
 * properties.
 */
package io.engagementwebhooks.operate.settings;
