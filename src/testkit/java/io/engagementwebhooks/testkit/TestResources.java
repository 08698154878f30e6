package io.engagementwebhooks.testkit;

import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.AfterEach;

/** Closes what a test opened, the latest first. */
public abstract class TestResources {

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    /** Closes it after the test, and after the methods of the class that run then. */
    protected <T extends AutoCloseable> T opened(T part) {
        opened.push(part);
        return part;
    }

    @AfterEach
    void closeAll() throws Exception {
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
    }
}
