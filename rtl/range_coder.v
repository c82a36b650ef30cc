// The range coder: symbols in, whole bytes and carries out. Two coders' numbers are here, one of which is at work.
//
// A symbol takes one clock. An escape takes three: its mass, then its number times the unit in two halves, so that one
// multiplier of 16 x 16 bits serves low, and one range. The end of a substream takes one.
`default_nettype none

module range_coder (
    input  wire        clk,
    input  wire        reset,

    input  wire        in_valid,
    output wire        in_ready,
    input  wire        in_end,
    input  wire        in_second,
    input  wire [15:0] in_below,
    input  wire [15:0] in_mass,    // 0: an escape of in_number, of in_bits bits
    input  wire [15:0] in_number,
    input  wire [4:0]  in_bits,

    output wire        out_valid,
    input  wire        out_ready,
    output wire        out_second,
    output wire        out_last,
    output wire        out_carry,  // into the bytes before
    output wire [1:0]  out_count,  // bytes that are done: 0 to 2
    output wire [15:0] out_bytes   // the first one on top
);
    localparam [15:0] ESCAPE = 16;

    reg [31:0] low_a, low_b, range_a, range_b;
    reg [1:0]  step;  // 0: a mass; 1, 2: the halves of a number

    wire        escape = in_mass == 16'd0 & ~in_end;
    wire [31:0] low = in_second ? low_b : low_a;
    wire [31:0] range = in_second ? range_b : range_a;
    wire [31:0] unit = range >> in_bits;

    wire [15:0] a = step == 2'd0 ? range[31:16] : step == 2'd1 ? unit[31:16] : unit[15:0];
    wire [15:0] b = step != 2'd0 ? in_number : escape ? 16'd0 : in_below;
    wire [31:0] product = a * b;
    wire [31:0] offset = step == 2'd1 ? {product[15:0], 16'd0} : product;

    // The end: up to a multiple of 2^24 if a step of 2^24 from there lies in the range, else of 2^16.
    wire [23:0] gap = -low[23:0];
    wire        one_byte = {8'd0, gap} <= range - 32'h1000000;

    wire [32:0] sum = {1'b0, low} + (~in_end ? {1'b0, offset} : one_byte ? 33'hFFFFFF : 33'hFFFF);
    wire [15:0] mass = escape ? ESCAPE : in_mass;
    wire [31:0] narrow = range[31:16] * mass;
    wire [31:0] next_range = step == 2'd0 ? narrow : step == 2'd1 ? range : unit;
    wire        none = |next_range[31:24], one = |next_range[23:16];

    assign out_count = in_end ? (one_byte ? 2'd1 : 2'd2) : none ? 2'd0 : one ? 2'd1 : 2'd2;
    assign out_carry = sum[32];
    assign out_bytes = sum[31:16];
    assign out_second = in_second;
    assign out_last = in_end;
    assign out_valid = in_valid & (out_carry | out_count != 2'd0);

    wire go = in_valid & (~out_valid | out_ready);
    assign in_ready = go & (escape ? step == 2'd2 : 1'b1);

    wire [31:0] new_low = in_end ? 32'd0
        : out_count == 2'd0 ? sum[31:0] : out_count == 2'd1 ? {sum[23:0], 8'd0} : {sum[15:0], 16'd0};
    wire [31:0] new_range = in_end ? 32'hFFFFFFFF
        : out_count == 2'd0 ? next_range : out_count == 2'd1 ? {next_range[23:0], 8'd0} : {next_range[15:0], 16'd0};

    always @(posedge clk)
        if (reset) begin
            low_a <= 32'd0;
            low_b <= 32'd0;
            range_a <= 32'hFFFFFFFF;
            range_b <= 32'hFFFFFFFF;
            step <= 2'd0;
        end else if (go) begin
            if (in_second) begin
                low_b <= new_low;
                range_b <= new_range;
            end else begin
                low_a <= new_low;
                range_a <= new_range;
            end
            step <= in_ready ? 2'd0 : step + 2'd1;
        end
endmodule

`default_nettype wire
