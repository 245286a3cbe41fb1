package io.udc.search.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class TableTest {

    @Test
    void columnsOfOneTitleAreAsWideAsTheirOwnCells() {
        Table table = new Table("name", "KiB", "KiB").row("a", "1", "1,234.5");
        assertEquals("""
                name  KiB      KiB
                ----  ---  -------
                a       1  1,234.5""", table.toString());
    }
}
