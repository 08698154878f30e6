/** How the log is written. */
package io.engagementwebhooks.operate.log;
