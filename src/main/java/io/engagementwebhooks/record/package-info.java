/** Takes the outcome of an attempt and stores it with the next time or the end. It sends nothing. */
package io.engagementwebhooks.record;
