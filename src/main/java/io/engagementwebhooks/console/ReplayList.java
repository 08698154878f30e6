package io.engagementwebhooks.console;

import java.util.List;

/** A page of replays, newest first. @param next position of the next page, or null: this is the last */
public record ReplayList(List<ReplayView> items, String next) {}
