package io.engagementwebhooks.console;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import org.junit.jupiter.api.Test;

class PageAnswerTest {

    @Test
    void its_text_has_no_secret() {
        PageAnswer answer = PageAnswer.leadTo(URI.create("https://id.example.com/?state=a-state"))
                .setting("session=a-session");

        assertEquals("303 [Location]", answer.toString());
    }
}
