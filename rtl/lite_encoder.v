// The encoder of the packet mode's lite profile: codes in, the coded body of packets out, byte by byte.
//
// docs/format/stream.md says what the bytes are, docs/rtl.md how this is laid out. One sample a clock, four stages:
//   issue   (here)      counts channels and frames, asks the state memory and the edges' ROM
//   predict, scale, law lite_model.v
//   code                range_coder.v
//   carry               carry.v
// Every stage waits for the next one, so bytes may be taken as slowly as one likes.
`default_nettype none

module lite_encoder #(
    parameter CODE_BITS = 10,     // of a code at most
    parameter CHANNEL_BITS = 10,  // of a channel's number
    parameter NLINK = 1           // 1: edges of the N1's converter, from ROM; 0: even codes, 64 axis units each
) (
    input  wire                    clk,
    input  wire                    reset,         // at a clock; the next packet is a key then

    // The format: constant from reset on.
    input  wire [CHANNEL_BITS-1:0] last_channel,  // channels - 1
    input  wire                    two,           // substreams: 2, not 1
    input  wire [CHANNEL_BITS-1:0] half,          // two: the first channel of the second
    input  wire [4:0]              bits,          // that hold codes - 1
    input  wire [4:0]              shift,
    input  wire [CODE_BITS+5:0]    centre,
    input  wire [5:0]              spread,
    input  wire [5:0]              usual,

    // A packet begins: of how many frames, whether it must be a key.
    input  wire                    start,
    output wire                    start_ready,
    input  wire [4:0]              start_frames,
    input  wire                    start_key,
    output reg                     key,           // whether the packet that began last is one

    // Its samples: frame after frame, channels in order.
    input  wire                    code_valid,
    output wire                    code_ready,
    input  wire [CODE_BITS-1:0]    code,

    // The memory of states, a word a channel. What is asked for comes after one clock and stays until more is.
    output wire                    state_read,
    output wire [CHANNEL_BITS-1:0] state_read_at,
    input  wire [2*CODE_BITS+43:0] state_in,
    output wire                    state_write,
    output wire [CHANNEL_BITS-1:0] state_write_at,
    output wire [2*CODE_BITS+43:0] state_out,

    // The body's bytes, each substream's in its order.
    output wire                    byte_valid,
    input  wire                    byte_ready,
    output wire [7:0]              byte_out,
    output wire                    byte_second,   // of the second substream
    output wire                    byte_last      // the substream ends with it
);
    localparam [15:0] KEY_SINCE = 32000;  // frames after which a key comes in any case

    reg                    busy, opening, fresh, end_first, end_second;
    reg [4:0]              frames_left;
    reg [CHANNEL_BITS-1:0] channel;
    reg [15:0]             since, measured;  // frames since the key: with this packet, and before it

    // ---- issue ----
    wire model_ready, in_flight;
    wire ending = end_first | end_second;
    wire begin_key = start_key | fresh | since >= KEY_SINCE;
    wire begin_now = start & start_ready;
    wire take = code_valid & code_ready;
    wire frame_ends = channel == last_channel;
    wire packet_ends = frame_ends & frames_left == 5'd1;

    assign start_ready = ~busy;
    assign code_ready = busy & ~ending & model_ready & ~in_flight;
    assign state_read = take;
    assign state_read_at = channel;

    always @(posedge clk)
        if (reset) begin
            busy <= 1'b0;
            fresh <= 1'b1;
            end_first <= 1'b0;
            end_second <= 1'b0;
            opening <= 1'b0;
            key <= 1'b0;
            since <= 16'd0;
            measured <= 16'd0;
            channel <= {CHANNEL_BITS{1'b0}};
            frames_left <= 5'd0;
        end else if (begin_now) begin
            busy <= 1'b1;
            key <= begin_key;
            opening <= begin_key;
            frames_left <= start_frames;
            measured <= since;
            since <= (begin_key ? 16'd0 : since) + {11'd0, start_frames};
        end else if (take) begin
            channel <= frame_ends ? {CHANNEL_BITS{1'b0}} : channel + 1'b1;
            if (frame_ends) begin
                opening <= 1'b0;
                frames_left <= frames_left - 5'd1;
            end
            if (packet_ends) begin
                fresh <= 1'b0;
                end_first <= 1'b1;
                end_second <= two;
            end
        end else if (ending & model_ready) begin
            end_first <= 1'b0;
            if (~end_first | ~end_second) begin
                end_second <= 1'b0;
                busy <= 1'b0;
            end
        end

    // ---- the stages ----
    wire        symbol_valid, symbol_ready, symbol_end, symbol_second;
    wire [15:0] symbol_below, symbol_mass, symbol_number;
    wire [4:0]  symbol_bits;

    lite_model #(
        .CODE_BITS(CODE_BITS), .CHANNEL_BITS(CHANNEL_BITS), .NLINK(NLINK)
    ) model (
        .clk(clk), .reset(reset), .bits(bits), .shift(shift), .centre(centre), .spread(spread), .usual(usual),
        .since(measured), .fresh(fresh),
        .in_valid(take | ending), .in_ready(model_ready), .in_end(ending), .in_key(opening), .in_code(code),
        .in_channel(channel), .in_second(ending ? ~end_first : two & channel >= half), .in_flight(in_flight),
        .state_in(state_in), .state_write(state_write), .state_write_at(state_write_at), .state_out(state_out),
        .out_valid(symbol_valid), .out_ready(symbol_ready), .out_end(symbol_end), .out_second(symbol_second),
        .out_below(symbol_below), .out_mass(symbol_mass), .out_number(symbol_number), .out_bits(symbol_bits)
    );

    wire        done_valid, done_ready, done_second, done_last, done_carry;
    wire [1:0]  done_count;
    wire [15:0] done_bytes;

    range_coder coder (
        .clk(clk), .reset(reset),
        .in_valid(symbol_valid), .in_ready(symbol_ready), .in_end(symbol_end), .in_second(symbol_second),
        .in_below(symbol_below), .in_mass(symbol_mass), .in_number(symbol_number), .in_bits(symbol_bits),
        .out_valid(done_valid), .out_ready(done_ready), .out_second(done_second), .out_last(done_last),
        .out_carry(done_carry), .out_count(done_count), .out_bytes(done_bytes)
    );

    carry carry_stage (
        .clk(clk), .reset(reset),
        .in_valid(done_valid), .in_ready(done_ready), .in_second(done_second), .in_last(done_last),
        .in_carry(done_carry), .in_count(done_count), .in_bytes(done_bytes),
        .out_valid(byte_valid), .out_ready(byte_ready), .out_byte(byte_out), .out_second(byte_second),
        .out_last(byte_last)
    );
endmodule

`default_nettype wire
