// Feeds lite_encoder from a file of numbers and writes what comes out to another; scripts/rtl.py makes and reads them.
//
// A number in: a code, or with bit 31 a packet's start: frames, and in bit 5 whether it must be a key. A line out: a byte, of
// which substream, whether its last; or the packet's `key`. +gaps=1 lets codes and bytes wait at random.
// The last line printed counts, and says through how many 255s the longest carry went (of gates: 0).
`timescale 1ns / 1ps
`default_nettype none

module bench;
    parameter CODE_BITS = 10;
    parameter CHANNEL_BITS = 10;
    parameter NLINK = 1;
    localparam STATE = 2 * CODE_BITS + 44;

    reg clk = 0, reset = 1;
    reg [CHANNEL_BITS-1:0] last_channel, half;
    reg                    two;
    reg [4:0]              bits, shift;
    reg [CODE_BITS+5:0]    centre;
    reg [5:0]              spread, usual;

    reg  [31:0] number;
    reg         there = 0, wait_in = 0, wait_out = 0;
    wire        start_ready, key, code_ready, byte_valid, byte_second, byte_last, state_read, state_write;
    wire [7:0]  byte_out;
    wire [CHANNEL_BITS-1:0] read_at, write_at;
    wire [STATE-1:0]        state_out;
    reg  [STATE-1:0]        state_in;
    reg  [STATE-1:0]        states [0:(1 << CHANNEL_BITS)-1];

    lite_encoder
`ifndef NETLIST  // gates are of one size
    #(
        .CODE_BITS(CODE_BITS), .CHANNEL_BITS(CHANNEL_BITS), .NLINK(NLINK)
    )
`endif
    encoder (
        .clk(clk), .reset(reset),
        .last_channel(last_channel), .two(two), .half(half), .bits(bits), .shift(shift), .centre(centre),
        .spread(spread), .usual(usual),
        .start(there & number[31]), .start_ready(start_ready), .start_frames(number[4:0]), .start_key(number[5]), .key(key),
        .code_valid(there & ~number[31] & ~wait_in), .code_ready(code_ready), .code(number[CODE_BITS-1:0]),
        .state_read(state_read), .state_read_at(read_at), .state_in(state_in),
        .state_write(state_write), .state_write_at(write_at), .state_out(state_out),
        .byte_valid(byte_valid), .byte_ready(~wait_out), .byte_out(byte_out), .byte_second(byte_second), .byte_last(byte_last)
    );

    always #25 clk = ~clk;

    always @(posedge clk) begin
        if (state_read)
            state_in <= states[read_at];
        if (state_write)
            states[write_at] <= state_out;
    end

    integer in, out, got, gaps, value, packets, open, clocks, codes, last_code, longest;
    reg [8*512-1:0] name;

    task option;
        input [8*24-1:0] format;
        begin
            if (!$value$plusargs(format, value)) begin
                $display("no %0s", format);
                $finish;
            end
        end
    endtask

    task read;
        begin
            got = $fscanf(in, "%h", number);
            there <= got == 1;
        end
    endtask

    initial begin
        option("channels=%d"); last_channel = value - 1;
        option("two=%d"); two = value[0]; half = (last_channel + 2) >> 1;
        option("bits=%d"); bits = value[4:0];
        option("shift=%d"); shift = value[4:0];
        option("centre=%d"); centre = value[CODE_BITS+5:0];
        option("spread=%d"); spread = value[5:0];
        option("usual=%d"); usual = value[5:0];
        option("gaps=%d"); gaps = value;
        if (!$value$plusargs("in=%s", name)) $finish;
        in = $fopen(name, "r");
        if (!$value$plusargs("out=%s", name)) $finish;
        out = $fopen(name, "w");
        packets = 0; open = 0; clocks = 0; codes = 0; last_code = 0; longest = 0;
        repeat (4) @(posedge clk);
        reset <= 0;
        read;
    end

    // Numbers change shortly after the clock's edge.
    always @(posedge clk) if (!reset) begin
        clocks = clocks + 1;
`ifndef NETLIST
        if (encoder.carry_stage.go && encoder.carry_stage.zeros && encoder.carry_stage.run > longest)
            longest = encoder.carry_stage.run;
`endif
        if (byte_valid && !wait_out) begin
            $fdisplay(out, "%h %b %b", byte_out, byte_second, byte_last);
            if (byte_last)
                open = open - 1;
        end
        if (there && number[31] && start_ready) begin
            packets = packets + 1;
            open = open + 1 + two;
            #1 $fdisplay(out, "key %b", key);
            read;
        end else if (there && !number[31] && !wait_in && code_ready) begin
            codes = codes + 1;
            last_code = clocks;
            #1 read;
        end
        wait_in <= gaps != 0 && ($random & 7) == 0;
        wait_out <= gaps != 0 && ($random & 3) != 0;
        if (!there && open == 0) begin
            $display("packets %0d codes %0d clocks %0d tail %0d run %0d", packets, codes, clocks, clocks - last_code, longest);
            $fclose(out);
            $finish;
        end
    end
endmodule

`default_nettype wire
