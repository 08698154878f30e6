package io.engagementwebhooks.deliver.request;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MappedValueTest {

    static Stream<Arguments> values() {
        return Stream.of(
                Arguments.of(TextNode.valueOf(" 12.50 "), "12.50"),
                Arguments.of(DecimalNode.valueOf(new BigDecimal("1E+3")), "1E+3"),
                Arguments.of(TextNode.valueOf("0".repeat(999) + "1"), "1"),
                Arguments.of(TextNode.valueOf("0".repeat(1_000) + "1"), "none"),
                Arguments.of(TextNode.valueOf("1e999999999"), "none"),
                Arguments.of(BigIntegerNode.valueOf(BigInteger.TEN.pow(300)), "1" + "0".repeat(300)),
                Arguments.of(BigIntegerNode.valueOf(BigInteger.TEN.pow(100_000)), "none"),
                Arguments.of(TextNode.valueOf(""), "none"),
                Arguments.of(BooleanNode.TRUE, "none"));
    }

    @ParameterizedTest
    @MethodSource("values")
    void a_number_has_at_most_a_thousand_characters(JsonNode value, String expected) {
        assertEquals(
                expected, MappedValue.number(value).map(BigDecimal::toString).orElse("none"));
    }
}
