/**
 * The console: takes requests of browsers and gives pages that are rendered on the server. It reaches data only by the
 * steps of the REST API.
 */
package io.engagementwebhooks.console;
