package io.engagementwebhooks.console.forms;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class PairsPropertiesTest {

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.strings().withChars("a:\"\\{}n \n\r,").ofMaxLength(12);
    }

    @Property
    void any_names_and_values_survive_their_lines(
            @ForAll("texts") String name, @ForAll("texts") String value, @ForAll("texts") String other) {
        ObjectNode object =
                JsonNodeFactory.instance.objectNode().put(name, value).put("z" + other, other);
        for (Pairs pairs : new Pairs[] {Pairs.TEXTS, Pairs.PROGRAMS}) {
            assertEquals(object, pairs.object(pairs.lines(object)), pairs.lines(object));
        }
    }
}
