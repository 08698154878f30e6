/** Formats and filters of the log. */
package io.engagementwebhooks.operate.log;
