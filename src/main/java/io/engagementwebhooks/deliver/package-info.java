/** One attempt: takes a due delivery and gives its outcome. It neither chooses the delivery nor records the outcome. */
package io.engagementwebhooks.deliver;
